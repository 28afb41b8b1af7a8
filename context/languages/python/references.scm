(identifier) @name
(type) @types
(attribute) @member
(call) @call
(keyword_argument name: (identifier) @skip)
(class_definition superclasses: (argument_list [(identifier) (attribute) (subscript)] @types))
[(global_statement (identifier) @skip) (nonlocal_statement (identifier) @skip)]
