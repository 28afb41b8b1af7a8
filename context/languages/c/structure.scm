; What C and C++ share. Names stand inside declarators, however deep: `rules.declared` finds them.
(function_definition declarator: (_) @declarator) @def.function
(declaration type: (_) @type declarator: (_) @declarator) @def.declared
(preproc_function_def name: (identifier) @name) @def.macro
(preproc_def name: (identifier) @name value: (_)) @def.constant
(struct_specifier name: (type_identifier) @name body: (_)) @def.struct
(union_specifier name: (type_identifier) @name body: (_)) @def.struct
(enum_specifier name: (type_identifier) @name body: (_)) @def.enum
(enumerator name: (identifier) @name) @def.constant
(type_definition
  type: [(struct_specifier !name body: (_)) (union_specifier !name body: (_))]
  declarator: (type_identifier) @name) @def.struct
(type_definition type: (enum_specifier !name body: (_)) declarator: (type_identifier) @name) @def.enum
(type_definition type: (_) @type declarator: (_) @declarator) @def.type
(field_declaration type: (_) @type declarator: (_) @declarator) @def.declared

(field_declaration
  type: [(struct_specifier !name body: (_) @scope.hidden) (union_specifier !name body: (_) @scope.hidden)]
  declarator: (_))
(declaration type: [(struct_specifier !name body: (_) @scope.hidden) (union_specifier !name body: (_) @scope.hidden)])
(type_definition declarator: (function_declarator parameters: (parameter_list) @scope.function))
(field_declaration
  declarator: (function_declarator declarator: (parenthesized_declarator) parameters: (parameter_list) @scope.function))
(compound_statement) @scope.block
(for_statement) @scope.block

(parameter_declaration type: (_) @type declarator: (_) @local)
(preproc_params (identifier) @local)

(preproc_include) @import
