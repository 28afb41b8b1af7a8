(identifier) @name
(type) @types
(argument_list) @arguments
(call arguments: (generator_expression) @arguments)
(keyword_argument name: (identifier) @skip)
(class_definition superclasses: (argument_list [(identifier) (attribute) (subscript)] @types))
[(global_statement (identifier) @skip) (nonlocal_statement (identifier) @skip)]

(keyword_pattern . (identifier) @skip)
