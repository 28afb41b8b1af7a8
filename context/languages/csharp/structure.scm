[(namespace_declaration) (file_scoped_namespace_declaration)] @package
[(class_declaration) (record_declaration)] @def.class
(struct_declaration) @def.struct
(interface_declaration) @def.interface
(enum_declaration) @def.enum
(delegate_declaration type: (_) @type) @def.type
(enum_member_declaration) @def.field
[(method_declaration) (constructor_declaration)] @def.method
(local_function_statement) @def.function
(property_declaration type: (_) @type) @def.field
(event_declaration type: (_) @type) @def.field
(field_declaration
  (variable_declaration type: (_) @type (variable_declarator name: (identifier) @name (_)? @value))) @def.field
(event_field_declaration (variable_declaration type: (_) @type (variable_declarator name: (identifier) @name))) @def.field
(base_list [(identifier) (qualified_name) (generic_name)] @base) @inherits
(base_list (primary_constructor_base_type . (_) @base)) @inherits

[(lambda_expression) (anonymous_method_expression)] @scope.function
(accessor_declaration) @scope.function
(property_declaration value: (arrow_expression_clause) @scope.function)
[(operator_declaration) (conversion_operator_declaration) (indexer_declaration) (destructor_declaration)] @scope.function
(block) @scope.block
[(for_statement) (foreach_statement) (catch_clause) (using_statement)] @scope.block

(using_directive) @import
