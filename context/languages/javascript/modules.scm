; What JavaScript and TypeScript share: locals
(arrow_function parameter: (identifier) @local)
(catch_clause parameter: (identifier) @local)
(for_in_statement left: (identifier) @local right: (_) @each)
(for_in_statement left: (_ (shorthand_property_identifier_pattern) @local))
(for_in_statement left: (array_pattern (identifier) @local))
(function_expression name: (identifier) @local)

; Imports
(import_statement) @import
(export_statement [(string) (export_clause)]) @import
(export_statement "default" value: (identifier)) @import
(export_statement "default" declaration: (_ name: (_))) @binding
(variable_declarator value: [(call_expression) (member_expression) (await_expression)]) @binding
(import) @binding

; Patterns within patterns
(array_pattern (array_pattern (identifier) @local))
(array_pattern (object_pattern [(shorthand_property_identifier_pattern) @local (pair_pattern value: (identifier) @local)]))
(pair_pattern value: (array_pattern (identifier) @local))
(pair_pattern value: (object_pattern [(shorthand_property_identifier_pattern) @local (pair_pattern value: (identifier) @local)]))
(array_pattern (rest_pattern (identifier) @local))
(catch_clause parameter: (object_pattern [(shorthand_property_identifier_pattern) @local (pair_pattern value: (identifier) @local)]))
[(generator_function name: (identifier) @local) (class name: (_) @local)]
