(identifier) @name
[(dot_index_expression) (method_index_expression)] @member
(function_call) @call
(field name: (identifier) @skip)
