[(identifier) (field_identifier)] @name
(type_identifier) @type
(field_expression) @member
(call_expression) @call
(field_designator (field_identifier) @field)
(preproc_defined (identifier) @skip)
(preproc_ifdef name: (identifier) @skip)
(preproc_def name: (identifier) @skip)
