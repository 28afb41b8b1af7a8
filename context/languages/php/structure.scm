(namespace_definition name: (_) @package)
(class_declaration name: (name) @name) @def.class
(interface_declaration name: (name) @name) @def.interface
(trait_declaration name: (name) @name) @def.trait
(enum_declaration name: (name) @name) @def.enum
(enum_case name: (name) @name) @def.field
(function_definition name: (name) @name) @def.function
(method_declaration name: (name) @name) @def.method
(property_declaration type: (_)? @type (property_element name: (variable_name (name) @name) default_value: (_)? @value)) @def.field
(const_declaration (const_element . (name) @name (_) @value)) @def.constant
(property_promotion_parameter type: (_)? @type name: (variable_name (name) @name)) @attribute
(assignment_expression
  left: (member_access_expression object: (variable_name) @this name: (name) @name)
  right: (_) @value
  (#eq? @this "$this")) @attribute
(class_declaration (base_clause (_) @base)) @extends
(class_declaration (class_interface_clause (_) @base)) @extends
(enum_declaration (class_interface_clause (_) @base)) @extends
(interface_declaration (base_clause (_) @base)) @extends
(use_declaration [(name) (qualified_name)] @base) @mixin

[(anonymous_function) (arrow_function)] @scope.function
(anonymous_class body: (_) @scope.hidden)

(simple_parameter type: (_)? @type name: (variable_name) @local)
(variadic_parameter name: (variable_name) @local)
(property_promotion_parameter type: (_)? @type name: (variable_name) @local)
(assignment_expression left: (variable_name) @local right: (_) @value)
(assignment_expression left: (list_literal (variable_name) @local))
(foreach_statement (pair (variable_name) @local))
(foreach_statement . (_) . (variable_name) @local)
(foreach_statement (by_ref (variable_name) @local))
(catch_clause type: (type_list . (_) @type) name: (variable_name) @local)
(static_variable_declaration name: (variable_name) @local)
(global_declaration (variable_name) @local)

(namespace_use_declaration) @import
[(require_once_expression) (require_expression) (include_expression) (include_once_expression)] @binding
