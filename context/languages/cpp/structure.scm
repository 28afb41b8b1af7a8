; What C++ adds
(declaration !type declarator: (_) @declarator) @def.declared
(class_specifier) @def.class
(alias_declaration type: (_) @type) @def.type
(concept_definition) @def.type
(base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base) @inherits
(namespace_definition) @package

(lambda_expression) @scope.function
[(template_declaration) (catch_clause) (for_range_loop)] @scope.block

[(type_parameter_declaration (type_identifier) @bound) (variadic_type_parameter_declaration (type_identifier) @bound)]
(optional_type_parameter_declaration name: (type_identifier) @bound)
(optional_parameter_declaration) @bound
(variadic_parameter_declaration declarator: (_ (identifier) @bound))
(for_range_loop) @bound
(structured_binding_declarator (identifier) @bound)
(lambda_capture_initializer left: (identifier) @bound)
(condition_clause) @bound
