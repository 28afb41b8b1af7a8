(tuple_type [(required_parameter name: (identifier) @skip) (optional_parameter name: (identifier) @skip)])
(index_signature name: (identifier) @skip)
(type_identifier) @type
(nested_type_identifier) @member
(type_parameter name: (type_identifier) @skip)
(required_parameter pattern: (this) @skip)
