(package_declaration) @package
(class_declaration) @def.class
(interface_declaration) @def.interface
(annotation_type_declaration) @def.interface
(enum_declaration) @def.enum
(record_declaration) @def.class
[(method_declaration) (constructor_declaration) (compact_constructor_declaration)] @def.method
(annotation_type_element_declaration type: (_) @type) @def.method
(field_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name value: (_)? @value)) @def.field
(constant_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name)) @def.field
(enum_constant) @def.field
(record_declaration parameters: (formal_parameters (formal_parameter type: (_) @type name: (identifier) @name) @def.field))
(superclass (_) @base) @inherits
(super_interfaces (type_list (_) @base)) @inherits
(extends_interfaces (type_list (_) @base)) @inherits

(lambda_expression) @scope.function
(static_initializer) @scope.function
(class_body (block) @scope.function)
(object_creation_expression (class_body) @scope.hidden)
(enum_constant body: (class_body) @scope.hidden)
(block) @scope.block
[(for_statement) (enhanced_for_statement) (catch_clause) (try_with_resources_statement)] @scope.block

(formal_parameter type: (_) @type name: (identifier) @bound)
(spread_parameter (variable_declarator name: (identifier) @local))
(inferred_parameters (identifier) @local)
(lambda_expression parameters: (identifier) @local)
(local_variable_declaration
  type: (_) @type declarator: (variable_declarator name: (identifier) @local value: (_)? @value))
(enhanced_for_statement type: (_) @type name: (identifier) @local)
(catch_formal_parameter (catch_type . (_) @type) name: (identifier) @local)
(resource type: (_) @type name: (identifier) @local value: (_)? @value)
(instanceof_expression right: (_) @type name: (identifier) @local)
(type_pattern . (_) @type (identifier) @local)
(record_pattern_component . (_) @type (identifier) @local)
(type_parameter . (type_identifier) @local)

(import_declaration) @import
