; Locals that patterns and queries bind, and names of types' parameters
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
