(package_clause) @package
(function_declaration name: (identifier) @name) @def.function
(method_declaration
  receiver: (parameter_list
    (parameter_declaration
      type: [
        (type_identifier) @owner
        (pointer_type (type_identifier) @owner)
        (generic_type type: (type_identifier) @owner)
        (pointer_type (generic_type type: (type_identifier) @owner))]))
  name: (field_identifier) @name) @def.method
(type_spec name: (type_identifier) @name type: (struct_type)) @def.struct
(type_spec name: (type_identifier) @name type: (interface_type)) @def.interface
(type_spec name: (type_identifier) @name type: (_) @type) @def.type
(type_alias name: (type_identifier) @name type: (_) @type) @def.type
(field_declaration name: (field_identifier) @name type: (_) @type) @def.field
(method_elem name: (field_identifier) @name) @def.method
(const_spec . name: (identifier) @name type: (_)? @type value: (expression_list . (_) @value)) @def.constant
(const_spec name: (identifier) @name type: (_)? @type) @def.constant
(var_spec . name: (identifier) @name type: (_)? @type value: (expression_list . (_) @value)) @def.variable
(var_spec name: (identifier) @name type: (_)? @type) @def.variable
(type_spec
  type: (struct_type (field_declaration_list (field_declaration !name type: (_) @base)))) @extends
(type_spec type: (interface_type (type_elem . (_) @base .))) @extends

(func_literal) @scope.function
[(field_declaration type: (struct_type) @scope.hidden) (field_declaration type: (_ (struct_type) @scope.hidden))]
(block) @scope.block

(parameter_declaration name: (identifier) @local type: (_) @type)
(variadic_parameter_declaration name: (identifier) @local)
(type_parameter_declaration name: (identifier) @local)
(short_var_declaration left: (expression_list . (identifier) @local) right: (expression_list . (_) @value))
(short_var_declaration left: (expression_list (identifier) @local))
(range_clause left: (expression_list (identifier) @local))
(receive_statement left: (expression_list (identifier) @local))
(type_switch_statement alias: (expression_list (identifier) @local))

(import_spec) @import
