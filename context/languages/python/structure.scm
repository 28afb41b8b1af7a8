; Definitions
(class_definition) @def.class
(function_definition) @def.function
(assignment left: (identifier) @name type: (type)? @type right: (_)? @value) @def.variable
(assignment left: [
  (pattern_list (identifier) @name) (tuple_pattern (identifier) @name) (list_pattern (identifier) @name)
  (_ [(list_splat_pattern (identifier) @name) (tuple_pattern (identifier) @name) (list_pattern (identifier) @name)
    (tuple_pattern [(list_splat_pattern (identifier) @name) (tuple_pattern (identifier) @name)])])]) @def.variable
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

; Imports
[(import_statement) (import_from_statement) (future_import_statement)] @import
