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
      (pair_pattern value: [(identifier) @name (assignment_pattern left: (identifier) @name)])
      (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name)
      (rest_pattern (identifier) @name)])
    (array_pattern [
      (identifier) @name
      (assignment_pattern left: (identifier) @name)
      (rest_pattern (identifier) @name)])]) @def.variable
(export_statement "default" value: [(arrow_function) (function_expression) (class)] @name) @def.anonymous
(pair
  key: (property_identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @def.function
(variable_declarator
  value: (object (pair key: (property_identifier) @name value: (_) @value) @def.field))
(assignment_expression left: (member_expression) @left right: (_) @value) @def.assigned

; Scopes
[(arrow_function) (function_expression) (generator_function) (catch_clause) (class_static_block)] @scope.function
(method_definition name: [(string) (number) (computed_property_name)]) @scope.function
(program [(for_statement) (for_in_statement)] @scope.function)
(object) @scope.some
(export_statement) @exported
