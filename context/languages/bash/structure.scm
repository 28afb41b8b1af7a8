(function_definition name: (word) @name) @def.function
(variable_assignment name: (variable_name) @name value: (_)? @value) @def.variable
(declaration_command (variable_name) @name) @def.variable
(for_statement variable: (variable_name) @local)
(command
  name: (command_name) @source
  argument: (_) @path
  (#any-of? @source "source" ".")) @import
