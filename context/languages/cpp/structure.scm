; What C++ adds
(declaration !type declarator: (_) @declarator) @def.declared
(class_specifier name: [(type_identifier) (template_type)] @name body: (_)) @def.class
(struct_specifier name: (template_type) @name body: (_)) @def.struct
(alias_declaration name: (type_identifier) @name type: (_) @type) @def.type
(concept_definition name: (identifier) @name) @def.type
(class_specifier (base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)) @extends
(struct_specifier (base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)) @extends
(namespace_definition name: (_) @package)

(lambda_expression) @scope.function
(template_declaration) @scope.block
(catch_clause) @scope.block
(for_range_loop) @scope.block

(type_parameter_declaration (type_identifier) @local)
(optional_type_parameter_declaration name: (type_identifier) @local)
(variadic_type_parameter_declaration (type_identifier) @local)
(optional_parameter_declaration type: (_) @type declarator: (_) @local)
(variadic_parameter_declaration declarator: (_ (identifier) @local))
(for_range_loop type: (_) @type declarator: (_) @local)
(structured_binding_declarator (identifier) @local)
(lambda_capture_initializer left: (identifier) @local)
(condition_clause value: (declaration type: (_) @type declarator: (identifier) @local value: (_) @value))
