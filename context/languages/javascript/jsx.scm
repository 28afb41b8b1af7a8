(jsx_attribute (property_identifier) @skip)
(jsx_opening_element name: (identifier) @skip (#match? @skip "^[a-z]"))
(jsx_closing_element name: (identifier) @skip)
(jsx_self_closing_element name: (identifier) @skip (#match? @skip "^[a-z]"))
