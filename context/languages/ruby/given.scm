; What calls define, what an error is called, and variables that are set where they were not
(argument_list [(simple_symbol) (constant) (scope_resolution) (string)] @given) @def.given
(operator_assignment left: [(instance_variable) (identifier)] @left right: (_) @value) @def.assigned
(rescue exceptions: (exceptions . (_) @type) variable: (exception_variable (identifier) @local))
(rescue !exceptions variable: (exception_variable (identifier) @local))
