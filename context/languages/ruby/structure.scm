(class name: (_) @name) @def.class
(module name: (_) @name) @def.module
(method name: (_) @name) @def.method
(singleton_method name: (_) @name) @def.method
(assignment left: (constant) @name right: (_)? @value) @def.constant
(call
  !receiver
  method: (identifier) @maker
  arguments: (argument_list (simple_symbol) @name)
  (#any-of? @maker "attr_accessor" "attr_reader" "attr_writer" "attribute" "has_many" "has_one" "belongs_to" "delegate")) @def.field
(alias name: (identifier) @name) @def.method
(class superclass: (superclass (_) @base)) @extends
(call
  !receiver
  method: (identifier) @adder
  arguments: (argument_list [(constant) (scope_resolution)] @base)
  (#any-of? @adder "include" "extend" "prepend")) @mixin
(assignment left: (instance_variable) @name right: (_) @value) @attribute
(operator_assignment left: (instance_variable) @name right: (_) @value) @attribute

(singleton_class) @scope.owner
[(block) (do_block) (lambda)] @scope.block

(method_parameters (identifier) @local)
(block_parameters (identifier) @local)
(lambda_parameters (identifier) @local)
(optional_parameter name: (identifier) @local value: (_) @value)
(keyword_parameter name: (identifier) @local)
(splat_parameter name: (identifier) @local)
(hash_splat_parameter name: (identifier) @local)
(block_parameter name: (identifier) @local)
(destructured_parameter (identifier) @local)
(assignment left: (identifier) @local right: (_) @value)
(left_assignment_list (identifier) @local)
(operator_assignment left: (identifier) @local right: (_) @value)
(for pattern: (identifier) @local)
(rescue exceptions: (exceptions . (_) @type) variable: (exception_variable (identifier) @local))
(rescue !exceptions variable: (exception_variable (identifier) @local))

(call
  !receiver
  method: (identifier) @loader
  arguments: (argument_list . (string))
  (#any-of? @loader "require" "require_relative" "load")) @import
