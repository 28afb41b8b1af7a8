(function_item) @def.function
(function_signature_item) @def.function
(struct_item) @def.struct
(union_item) @def.struct
(enum_item) @def.enum
(enum_variant) @def.field
(trait_item) @def.trait
(type_item name: (type_identifier) @name type: (_) @type) @def.type
(associated_type) @def.type
(const_item name: (identifier) @name type: (_) @type) @def.constant
(static_item name: (identifier) @name type: (_) @type) @def.variable
(mod_item name: (identifier) @name body: (_)) @def.module
(macro_definition) @def.macro
(field_declaration name: (field_identifier) @name type: (_) @type) @def.field
(trait_item bounds: (trait_bounds (_) @base)) @extends
(impl_item trait: (_) @base type: (_) @owner) @implements

(impl_item type: (_) @owner) @scope.owner
(enum_variant body: (field_declaration_list) @scope.hidden)
(closure_expression) @scope.function
(block) @scope.block
(match_arm) @scope.block

(parameter pattern: (identifier) @local type: (_) @type)
(parameter pattern: (mut_pattern (identifier) @local) type: (_) @type)
(closure_parameters (identifier) @local)
(let_declaration pattern: (identifier) @local type: (_)? @type value: (_)? @value)
(let_declaration pattern: (mut_pattern (identifier) @local) type: (_)? @type value: (_)? @value)
(tuple_pattern (identifier) @local)
(tuple_pattern (mut_pattern (identifier) @local))
(tuple_struct_pattern type: (_) (identifier) @local)
(tuple_struct_pattern type: (_) (mut_pattern (identifier) @local))
(field_pattern name: (shorthand_field_identifier) @local)
(field_pattern pattern: (identifier) @local)
(ref_pattern (identifier) @local)
(reference_pattern (identifier) @local)
(slice_pattern (identifier) @local)
(or_pattern (identifier) @local)
(captured_pattern . (identifier) @local)
(for_expression pattern: (identifier) @local value: (_) @each)
(match_pattern . (identifier) @local)
(type_parameter name: (type_identifier) @local)
(const_parameter name: (identifier) @local)

(use_declaration) @import
(extern_crate_declaration) @import
(mod_item !body) @import
