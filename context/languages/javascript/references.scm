[(identifier) (property_identifier) (private_property_identifier) (shorthand_property_identifier)] @name
(member_expression) @member
[(call_expression) (new_expression)] @call
(pair key: (property_identifier) @skip)
(pair_pattern key: (property_identifier) @skip)
