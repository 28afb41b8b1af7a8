; Locals, and the fields that stand where locals do
(record_declaration (parameter_list (parameter type: (_) @type name: (identifier) @name) @def.field))
(parameter type: (_)? @type name: (identifier) @bound)
(parameter_list type: (_) @type name: (identifier) @local)
(implicit_parameter) @local
(variable_declaration type: (_) @type (variable_declarator name: (identifier) @bound (_)? @value))
(foreach_statement type: (_) @type left: (identifier) @local)
[
  (declaration_pattern type: (_) @type name: (identifier) @local)
  (declaration_expression type: (_) @type name: (identifier) @local)
  (catch_declaration type: (_) @type name: (identifier) @local)
]
(recursive_pattern name: (identifier) @local)
(var_pattern name: (identifier) @local)
(from_clause name: (identifier) @local)
(let_clause . (identifier) @local)
(tuple_pattern name: (identifier) @local)
(type_parameter name: (identifier) @local)
