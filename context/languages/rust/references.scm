[(identifier) (field_identifier) (shorthand_field_identifier)] @name
(type_identifier) @type
[(field_expression) (scoped_identifier) (scoped_type_identifier)] @member
[(call_expression) (macro_invocation)] @call
(field_initializer field: (field_identifier) @field)
(field_pattern name: (field_identifier) @field)
(type_binding name: (type_identifier) @skip)
(attribute . (identifier) @skip)
(lifetime (identifier) @skip)
