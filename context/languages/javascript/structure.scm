; What JavaScript and TypeScript share: definitions
(class_declaration) @def.class
(variable_declarator name: (identifier) @name value: (class)) @def.class
[(function_declaration) (generator_function_declaration)] @def.function
(method_definition) @def.method
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @def.function
(variable_declarator
  name: [
    (object_pattern [
      (shorthand_property_identifier_pattern) @name
      (pair_pattern value: (identifier) @name)
      (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name)
      (rest_pattern (identifier) @name)])
    (array_pattern [(identifier) @name (assignment_pattern left: (identifier) @name)])]) @def.variable
(export_statement "default" value: [(arrow_function) (function_expression) (class)] @name) @def.anonymous
(pair
  key: (property_identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @def.function
(variable_declarator
  value: (object (pair key: (property_identifier) @name value: (_) @value) @def.field))
(assignment_expression left: (member_expression) @left right: (_) @value) @def.assigned

; Scopes
[(arrow_function) (function_expression) (generator_function) (catch_clause) (class_static_block)] @scope.function
(program [(for_statement) (for_in_statement)] @scope.function)
(object) @scope.some
(export_statement) @exported

; Locals
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
