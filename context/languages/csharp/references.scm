(identifier) @name
(_ type: (_) @types)
(_ returns: (_) @types)
[(type_argument_list) (base_list) (type_parameter_constraints_clause)] @types
(attribute name: (_) @types)
[(member_access_expression) (qualified_name)] @member
[(invocation_expression) (object_creation_expression)] @call
(namespace_declaration name: (_) @span)
(file_scoped_namespace_declaration name: (_) @span)

(anonymous_object_creation_expression (identifier) @skip . "=")
(with_initializer . (identifier) @skip)
