; Locals that C++ adds
[(type_parameter_declaration (type_identifier) @bound) (variadic_type_parameter_declaration (type_identifier) @bound)]
(optional_type_parameter_declaration name: (type_identifier) @bound)
(optional_parameter_declaration) @bound
(variadic_parameter_declaration declarator: (_ (identifier) @bound))
(for_range_loop) @bound
(structured_binding_declarator (identifier) @bound)
(lambda_capture_initializer left: (identifier) @bound)
(condition_clause) @bound
