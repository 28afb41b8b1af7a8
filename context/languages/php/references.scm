(variable_name) @name
(name) @name
(variable_name (name) @skip)
(named_type) @types
[(base_clause) (class_interface_clause) (use_declaration)] @types
(object_creation_expression . [(name) (qualified_name)] @types)
[
  (member_access_expression)
  (nullsafe_member_access_expression)
  (scoped_property_access_expression)
] @member
[
  (function_call_expression)
  (member_call_expression)
  (nullsafe_member_call_expression)
  (scoped_call_expression)
] @call
(property_element name: (variable_name) @skip)
(property_promotion_parameter name: (variable_name) @skip)
(namespace_definition name: (_) @span)
(argument name: (name) @skip)
