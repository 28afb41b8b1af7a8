; Where the grammar of JavaScript differs from that of TypeScript
(variable_declarator name: (identifier) @name value: (_)? @value) @def.variable
(field_definition property: [(property_identifier) (private_property_identifier)] @name value: (_)? @value) @def.field
(field_definition
  property: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @def.method
(class_declaration (class_heritage (_) @base)) @extends
(variable_declarator value: (class (class_heritage (_) @base))) @extends
(formal_parameters (identifier) @local)
