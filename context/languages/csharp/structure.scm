[(namespace_declaration name: (_) @package) (file_scoped_namespace_declaration name: (_) @package)]
(class_declaration name: (identifier) @name) @def.class
(struct_declaration name: (identifier) @name) @def.struct
(record_declaration name: (identifier) @name) @def.class
(interface_declaration name: (identifier) @name) @def.interface
(enum_declaration name: (identifier) @name) @def.enum
(delegate_declaration type: (_) @type name: (identifier) @name) @def.type
(enum_member_declaration name: (identifier) @name) @def.field
(method_declaration name: (identifier) @name) @def.method
(constructor_declaration name: (identifier) @name) @def.method
(local_function_statement name: (identifier) @name) @def.function
(property_declaration type: (_) @type name: (identifier) @name) @def.field
(event_declaration type: (_) @type name: (identifier) @name) @def.field
(field_declaration
  (variable_declaration type: (_) @type (variable_declarator name: (identifier) @name (_)? @value))) @def.field
(event_field_declaration (variable_declaration type: (_) @type (variable_declarator name: (identifier) @name))) @def.field
(record_declaration (parameter_list (parameter type: (_) @type name: (identifier) @name) @def.field))
(class_declaration (base_list [(identifier) (qualified_name) (generic_name)] @base)) @extends
(struct_declaration (base_list [(identifier) (qualified_name) (generic_name)] @base)) @extends
(record_declaration (base_list [(identifier) (qualified_name) (generic_name)] @base)) @extends
(record_declaration (base_list (primary_constructor_base_type . (_) @base))) @extends
(interface_declaration (base_list [(identifier) (qualified_name) (generic_name)] @base)) @extends

[(lambda_expression) (anonymous_method_expression)] @scope.function
(accessor_declaration) @scope.function
(property_declaration value: (arrow_expression_clause) @scope.function)
[(operator_declaration) (conversion_operator_declaration) (indexer_declaration) (destructor_declaration)] @scope.function
(block) @scope.block
[(for_statement) (foreach_statement) (catch_clause) (using_statement)] @scope.block

(method_declaration parameters: (parameter_list (parameter type: (_)? @type name: (identifier) @local)))
(constructor_declaration parameters: (parameter_list (parameter type: (_)? @type name: (identifier) @local)))
(local_function_statement parameters: (parameter_list (parameter type: (_)? @type name: (identifier) @local)))
(lambda_expression parameters: (parameter_list (parameter type: (_)? @type name: (identifier) @local)))
(operator_declaration parameters: (parameter_list (parameter type: (_)? @type name: (identifier) @local)))
(indexer_declaration parameters: (bracketed_parameter_list (parameter type: (_)? @type name: (identifier) @local)))
(class_declaration (parameter_list (parameter type: (_)? @type name: (identifier) @local)))
(parameter_list type: (_) @type name: (identifier) @local)
(implicit_parameter) @local
(local_declaration_statement
  (variable_declaration type: (_) @type (variable_declarator name: (identifier) @local (_)? @value)))
(using_statement
  (variable_declaration type: (_) @type (variable_declarator name: (identifier) @local (_)? @value)))
(for_statement
  initializer: (variable_declaration type: (_) @type (variable_declarator name: (identifier) @local)))
(foreach_statement type: (_) @type left: (identifier) @local)
(declaration_pattern type: (_) @type name: (identifier) @local)
(recursive_pattern name: (identifier) @local)
(var_pattern name: (identifier) @local)
(declaration_expression type: (_) @type name: (identifier) @local)
(catch_declaration type: (_) @type name: (identifier) @local)
(from_clause name: (identifier) @local)
(let_clause . (identifier) @local)
(tuple_pattern name: (identifier) @local)
(type_parameter name: (identifier) @local)

(using_directive) @import
