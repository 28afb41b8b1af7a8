; What JavaScript and TypeScript share: definitions
(class_declaration name: (_) @name) @def.class
(variable_declarator name: (identifier) @name value: (class)) @def.class
(function_declaration name: (identifier) @name) @def.function
(generator_function_declaration name: (identifier) @name) @def.function
(method_definition name: [(property_identifier) (private_property_identifier)] @name) @def.method
(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @def.function
(variable_declarator
  name: [
    (object_pattern (shorthand_property_identifier_pattern) @name)
    (object_pattern (pair_pattern value: (identifier) @name))
    (object_pattern (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name))
    (object_pattern (rest_pattern (identifier) @name))
    (array_pattern (identifier) @name)
    (array_pattern (assignment_pattern left: (identifier) @name))]) @def.variable
(export_statement "default" value: [(arrow_function) (function_expression) (class)] @name) @def.anonymous
(pair
  key: (property_identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @def.function
(variable_declarator
  value: (object (pair key: (property_identifier) @name value: (_) @value) @def.field))
(assignment_expression
  left: (member_expression object: (_) @owner property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function) (class)]
  (#match? @owner "^([A-Za-z_$][A-Za-z0-9_$]*(\\.prototype)?|module\\.exports)$")
  (#not-any-of? @owner "this" "module")) @def.function
(assignment_expression
  left: (member_expression) @exports
  right: [(arrow_function) (function_expression) (class)] @name
  (#eq? @exports "module.exports")) @def.anonymous
(assignment_expression
  left: (member_expression object: (_) @owner property: (property_identifier) @name)
  right: (_) @value
  (#any-of? @owner "exports" "module.exports")) @def.variable
(assignment_expression
  left: (member_expression object: (this) property: [(property_identifier) (private_property_identifier)] @name)
  right: (_) @value) @attribute

; Scopes
[(arrow_function) (function_expression) (generator_function)] @scope.function
(catch_clause) @scope.function
(class_static_block) @scope.function
(program [(for_statement) (for_in_statement)] @scope.function)
(variable_declarator name: (identifier) @owner value: (object) @scope.owner)
(assignment_expression
  left: (member_expression object: (identifier) @owner property: (property_identifier) @prototype)
  right: (object) @scope.owner
  (#eq? @prototype "prototype"))
(arguments (object) @scope.hidden)
(pair value: (object) @scope.hidden)
(array (object) @scope.hidden)
(return_statement (object) @scope.hidden)
(parenthesized_expression (object) @scope.hidden)
(export_statement value: (object) @scope.hidden)
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
(export_statement source: (string)) @import
(export_statement (export_clause)) @import
(export_statement "default" value: (identifier)) @import
(export_statement "default" declaration: (_ name: (_))) @binding
(variable_declarator
  value: [
    (call_expression function: (identifier) @require arguments: (arguments . (string)))
    (member_expression object: (call_expression function: (identifier) @require arguments: (arguments . (string))))]
  (#eq? @require "require")) @binding
(variable_declarator value: (await_expression (call_expression function: (import)))) @binding
(call_expression function: (import) arguments: (arguments . (string))) @binding
(expression_statement
  (assignment_expression left: (member_expression) @exports right: [(identifier) (object)])
  (#eq? @exports "module.exports")) @binding
