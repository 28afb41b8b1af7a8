; What JavaScript and TypeScript share: locals
(arrow_function parameter: (identifier) @local)
(catch_clause parameter: (identifier) @local)
(for_in_statement left: (identifier) @local right: (_) @each)
(function_expression name: (identifier) @local)

; Imports
(import_statement) @import
(export_statement [(string) (export_clause)]) @import
(export_statement "default" value: (identifier)) @import
(export_statement "default" declaration: (_ name: (_))) @binding
(variable_declarator value: [(call_expression) (member_expression) (await_expression)]) @binding
(import) @binding

; Patterns, however deep
[(shorthand_property_identifier_pattern) @bound
  (pair_pattern value: (identifier) @bound)
  (array_pattern (identifier) @bound)
  (assignment_pattern left: (identifier) @bound)
  (rest_pattern (identifier) @bound)]
[(generator_function name: (identifier) @local) (class name: (_) @local)]
