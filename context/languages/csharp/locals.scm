; Locals, and the fields that stand where locals do
(parameter type: (_)? @type name: (identifier) @named) @def.parameter
(parameter_list type: (_) @type name: (identifier) @local)
(implicit_parameter) @local
(variable_declaration type: (_) @type (variable_declarator name: (identifier) @bound (_)? @value))
(foreach_statement type: (_) @type left: (identifier) @local)
