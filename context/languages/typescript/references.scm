(type_identifier) @type
(nested_type_identifier) @member
(type_parameter name: (type_identifier) @skip)
(required_parameter pattern: (this) @skip)
