; What TypeScript adds
(abstract_class_declaration) @def.class
(interface_declaration) @def.interface
(type_alias_declaration value: (_) @type) @def.type
(enum_declaration) @def.enum
(enum_body (property_identifier) @name @def.field)
(enum_assignment) @def.field
(function_signature) @def.function
[(method_signature) (abstract_method_signature)] @def.method
(property_signature) @def.field
(public_field_definition) @def.field
(variable_declarator name: (identifier) @name type: (_)? @type value: (_)? @value) @def.variable
[(internal_module) (module)] @def.module
(required_parameter [(accessibility_modifier) "readonly"] pattern: (identifier) @name type: (_)? @type) @attribute
(class_heritage [(extends_clause value: (_) @base) (implements_clause (_) @base)]) @inherits
(extends_type_clause (_) @base) @inherits
(object_type) @scope.hidden

; Locals
(required_parameter pattern: (identifier) @local type: (_)? @type value: (_)? @value)
(optional_parameter pattern: (identifier) @local type: (_)? @type)
(type_parameter name: (type_identifier) @local)

(export_statement "=" (identifier)) @import
