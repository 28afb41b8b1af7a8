[(identifier) (constant) (instance_variable) (class_variable) (global_variable)] @name
(superclass (_) @types)
(scope_resolution) @member
(call) @call
