(namespace_identifier) @name
(qualified_identifier) @member
(new_expression) @call
(namespace_definition name: (namespace_identifier) @skip)
(nested_namespace_specifier (namespace_identifier) @skip)
(field_initializer (field_identifier) @field)
