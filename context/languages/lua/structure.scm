(function_declaration name: (identifier) @name) @def.function
(function_declaration name: (dot_index_expression table: (_) @owner field: (identifier) @name)) @def.function
(function_declaration name: (method_index_expression table: (_) @owner method: (identifier) @name)) @def.method
(assignment_statement
  (variable_list . name: (dot_index_expression table: (identifier) @owner field: (identifier) @name))
  (expression_list . value: (function_definition))
  (#not-eq? @owner "self")) @def.function
(assignment_statement
  (variable_list . name: (identifier) @name)
  (expression_list . value: (function_definition))) @def.function
(assignment_statement
  (variable_list . name: (dot_index_expression table: (identifier) @owner field: (identifier) @name))
  (expression_list . value: (_) @value)
  (#not-eq? @owner "self")) @def.field
(assignment_statement
  (variable_list . name: (dot_index_expression table: (identifier) @self field: (identifier) @name))
  (expression_list . value: (_) @value)
  (#eq? @self "self")) @attribute
(assignment_statement
  (variable_list . name: (identifier) @name) (expression_list . value: (_) @value)) @def.variable
(variable_declaration (assignment_statement (variable_list name: (identifier) @name))) @def.variable
(variable_declaration (variable_list name: (identifier) @name)) @def.variable
(assignment_statement
  (expression_list value: (table_constructor (field name: (identifier) @name value: (_) @value) @def.field)))
(assignment_statement
  (expression_list value: (table_constructor
    (field name: (identifier) @name value: (function_definition)) @def.method)))

(function_definition) @scope.function
[(for_statement) (do_statement)] @scope.function
(assignment_statement
  (variable_list . name: (_) @owner) (expression_list . value: (table_constructor) @scope.owner))
(arguments (table_constructor) @scope.hidden)
(field value: (table_constructor) @scope.hidden)
(return_statement (expression_list (table_constructor) @scope.hidden))

(parameters name: (identifier) @local)
(for_generic_clause (variable_list name: (identifier) @local))
(for_numeric_clause name: (identifier) @local)

(chunk (return_statement (expression_list (identifier) @mark.returned)))
(assignment_statement
  (expression_list value: [
    (function_call name: (identifier) @require)
    (dot_index_expression table: (function_call name: (identifier) @require))])
  (#eq? @require "require")) @binding
