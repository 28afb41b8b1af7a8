(class) @def.class
(module) @def.module
[(method) (singleton_method)] @def.method
(assignment left: [(constant) (instance_variable) (identifier)] @left right: (_) @value) @def.assigned
(alias) @def.method
(superclass (_) @base) @inherits

(singleton_class) @scope.owner
[(block) (do_block) (lambda)] @scope.block
