; What C++ adds
(declaration !type declarator: (_) @declarator) @def.declared
(class_specifier) @def.class
(alias_declaration type: (_) @type) @def.type
(concept_definition) @def.type
(base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base) @inherits
(namespace_definition) @package

(lambda_expression) @scope.function
[(template_declaration) (catch_clause) (for_range_loop)] @scope.block
