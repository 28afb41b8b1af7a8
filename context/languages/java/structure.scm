(package_declaration) @package
(class_declaration name: (identifier) @name) @def.class
(interface_declaration name: (identifier) @name) @def.interface
(annotation_type_declaration name: (identifier) @name) @def.interface
(enum_declaration name: (identifier) @name) @def.enum
(record_declaration name: (identifier) @name) @def.class
(method_declaration name: (identifier) @name) @def.method
(annotation_type_element_declaration type: (_) @type name: (identifier) @name) @def.method
(constructor_declaration name: (identifier) @name) @def.method
(compact_constructor_declaration name: (identifier) @name) @def.method
(field_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name value: (_)? @value)) @def.field
(constant_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name)) @def.field
(enum_constant name: (identifier) @name) @def.field
(record_declaration parameters: (formal_parameters (formal_parameter type: (_) @type name: (identifier) @name) @def.field))
(class_declaration superclass: (superclass (_) @base)) @extends
(class_declaration interfaces: (super_interfaces (type_list (_) @base))) @extends
(enum_declaration interfaces: (super_interfaces (type_list (_) @base))) @extends
(record_declaration interfaces: (super_interfaces (type_list (_) @base))) @extends
(interface_declaration (extends_interfaces (type_list (_) @base))) @extends

(lambda_expression) @scope.function
(static_initializer) @scope.function
(class_body (block) @scope.function)
(object_creation_expression (class_body) @scope.hidden)
(enum_constant body: (class_body) @scope.hidden)
(block) @scope.block
[(for_statement) (enhanced_for_statement) (catch_clause) (try_with_resources_statement)] @scope.block

(method_declaration parameters: (formal_parameters (formal_parameter type: (_) @type name: (identifier) @local)))
(constructor_declaration parameters: (formal_parameters (formal_parameter type: (_) @type name: (identifier) @local)))
(lambda_expression parameters: (formal_parameters (formal_parameter type: (_) @type name: (identifier) @local)))
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
