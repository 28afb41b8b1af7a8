(identifier) @name
(type_identifier) @type
(field_access) @member
[(method_invocation) (object_creation_expression)] @call
[(marker_annotation name: (identifier) @type) (annotation name: (identifier) @type)]
(method_reference "::" (identifier) @field)
(element_value_pair key: (identifier) @skip)
(package_declaration (identifier) @skip)
(package_declaration (scoped_identifier) @span)
(labeled_statement . (identifier) @skip)
(break_statement (identifier) @skip)
(continue_statement (identifier) @skip)
