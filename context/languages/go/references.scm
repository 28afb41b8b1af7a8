[(identifier) (field_identifier) (package_identifier)] @name
(type_identifier) @type
[(selector_expression) (qualified_type)] @member
(call_expression) @call
(keyed_element . (literal_element (identifier) @field))
(package_clause (package_identifier) @skip)
(blank_identifier) @skip
