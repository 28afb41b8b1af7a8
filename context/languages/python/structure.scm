; Definitions
(class_definition name: (identifier) @name) @def.class
(function_definition name: (identifier) @name) @def.function
(assignment left: (identifier) @name type: (type)? @type right: (_)? @value) @def.variable
(assignment left: [
  (pattern_list (identifier) @name) (tuple_pattern (identifier) @name) (list_pattern (identifier) @name)
  (_ [(list_splat_pattern (identifier) @name) (tuple_pattern (identifier) @name)])]) @def.variable
(type_alias_statement . (type (identifier) @name)) @def.type
(type_alias_statement . (type (generic_type . (identifier) @name))) @def.type
(assignment
  left: (attribute object: (identifier) @self attribute: (identifier) @name)
  type: (type)? @type
  right: (_)? @value
  (#any-of? @self "self" "cls")) @attribute
(assignment
  left: [
    (pattern_list (attribute object: (identifier) @self attribute: (identifier) @name))
    (tuple_pattern (attribute object: (identifier) @self attribute: (identifier) @name))]
  (#any-of? @self "self" "cls")) @attribute
(class_definition superclasses: (argument_list [(identifier) (attribute) (subscript)] @base)) @extends
(decorated_definition (decorator) @decorator definition: (_) @decorated)

; Scopes
[(list_comprehension) (set_comprehension) (dictionary_comprehension) (generator_expression)] @scope.block
(lambda) @scope.function

; Locals
(parameters (identifier) @local)
(lambda_parameters (identifier) @local)
(default_parameter name: (identifier) @local value: (_) @default)
(typed_parameter . (identifier) @local type: (type) @type)
(typed_parameter . (_ (identifier) @local))
(typed_default_parameter name: (identifier) @local type: (type) @type)
(parameters [(list_splat_pattern (identifier) @local) (dictionary_splat_pattern (identifier) @local)])
(lambda_parameters [(list_splat_pattern (identifier) @local) (dictionary_splat_pattern (identifier) @local)])
(for_statement left: (identifier) @local right: (_) @each)
(for_statement left: [(pattern_list (identifier) @local) (tuple_pattern (identifier) @local)])
(for_statement left: (_ [(tuple_pattern (identifier) @local) (list_splat_pattern (identifier) @local)]))
(for_in_clause left: (identifier) @local right: (_) @each)
(for_in_clause left: [(pattern_list (identifier) @local) (tuple_pattern (identifier) @local)])
(for_in_clause left: (_ [(tuple_pattern (identifier) @local) (list_splat_pattern (identifier) @local)]))
(named_expression name: (identifier) @local value: (_) @value)
(with_item value: (as_pattern . (_) @value alias: (as_pattern_target (identifier) @local)))
(with_item value: (as_pattern alias: (as_pattern_target (_ (identifier) @local))))
(except_clause (as_pattern . [(identifier) (attribute)] @type alias: (as_pattern_target (identifier) @local)))
(except_clause (as_pattern alias: (as_pattern_target (identifier) @local)))
(case_pattern (dotted_name . (identifier) @local .))
(as_pattern (case_pattern) (identifier) @local)
(keyword_pattern (dotted_name . (identifier) @local .))
(splat_pattern (identifier) @local)
(function_definition type_parameters: (type_parameter (type (identifier) @local)))
[(global_statement (identifier) @name) (nonlocal_statement (identifier) @name)] @global

; Imports
[(import_statement) (import_from_statement) (future_import_statement)] @import
