(namespace_definition name: (_) @package)
(class_declaration) @def.class
(interface_declaration) @def.interface
(trait_declaration) @def.trait
(enum_declaration) @def.enum
(enum_case) @def.field
(function_definition) @def.function
(method_declaration) @def.method
(property_declaration type: (_)? @type (property_element name: (variable_name (name) @name) default_value: (_)? @value)) @def.field
(const_declaration (const_element . (name) @name (_) @value)) @def.constant
(property_promotion_parameter type: (_)? @type name: (variable_name (name) @name)) @attribute
(assignment_expression left: [(member_access_expression) (variable_name)] @left right: (_) @value) @def.assigned
[(base_clause (_) @base) (class_interface_clause (_) @base)] @inherits
(use_declaration [(name) (qualified_name)] @base) @mixin

[(anonymous_function) (arrow_function)] @scope.function
(anonymous_class body: (_) @scope.hidden)

(namespace_use_declaration) @import
[(require_once_expression) (require_expression) (include_expression) (include_once_expression)] @binding
