; What C and C++ share. Names stand inside declarators, however deep: `rules.declared` finds them.
(function_definition) @def.function
(declaration type: (_) @type declarator: (_) @declarator) @def.declared
(preproc_function_def) @def.macro
(preproc_def) @def.constant
[(struct_specifier) (union_specifier)] @def.struct
(enum_specifier) @def.enum
(enumerator) @def.constant
(type_definition type: (_) @type declarator: (_) @declarator) @def.type
(field_declaration type: (_) @type declarator: (_) @declarator) @def.declared

[(field_declaration_list) (parameter_list)] @scope.some
[(compound_statement) (for_statement)] @scope.block

(parameter_declaration) @bound
(preproc_params (identifier) @bound)

(preproc_include) @import
