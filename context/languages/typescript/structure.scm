; What TypeScript adds
(abstract_class_declaration name: (_) @name) @def.class
(interface_declaration name: (_) @name) @def.interface
(type_alias_declaration name: (_) @name value: (_) @type) @def.type
(enum_declaration name: (_) @name) @def.enum
(enum_body (property_identifier) @name @def.field)
(enum_assignment name: (property_identifier) @name) @def.field
(function_signature name: (identifier) @name) @def.function
(method_signature name: (property_identifier) @name) @def.method
(abstract_method_signature name: (property_identifier) @name) @def.method
(property_signature name: (property_identifier) @name type: (_)? @type) @def.field
(public_field_definition
  name: [(property_identifier) (private_property_identifier)] @name
  type: (_)? @type
  value: (_)? @value) @def.field
(public_field_definition
  name: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @def.method
(variable_declarator name: (identifier) @name type: (_)? @type value: (_)? @value) @def.variable
[(internal_module name: (_) @name) (module name: (identifier) @name)] @def.module
(required_parameter (accessibility_modifier) pattern: (identifier) @name type: (_)? @type) @attribute
(required_parameter "readonly" pattern: (identifier) @name type: (_)? @type) @attribute
(class_declaration (class_heritage (extends_clause value: (_) @base))) @extends
(class_declaration (class_heritage (implements_clause (_) @base))) @extends
(abstract_class_declaration (class_heritage (extends_clause value: (_) @base))) @extends
(abstract_class_declaration (class_heritage (implements_clause (_) @base))) @extends
(interface_declaration (extends_type_clause (_) @base)) @extends
(object_type) @scope.hidden

; Locals
(required_parameter pattern: (identifier) @local type: (_)? @type value: (_)? @value)
(optional_parameter pattern: (identifier) @local type: (_)? @type)
(required_parameter pattern: (rest_pattern (identifier) @local))
(required_parameter pattern: (object_pattern (shorthand_property_identifier_pattern) @local))
(required_parameter pattern: (object_pattern (pair_pattern value: (identifier) @local)))
(required_parameter
  pattern: (object_pattern (object_assignment_pattern left: (shorthand_property_identifier_pattern) @local)))
(required_parameter pattern: (object_pattern (rest_pattern (identifier) @local)))
(required_parameter pattern: (array_pattern (identifier) @local))
(type_parameter name: (type_identifier) @local)

(export_statement "=" (identifier)) @import
