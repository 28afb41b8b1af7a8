(variable_name) @name
(command name: (command_name (word)) @name)
(command) @call

(expansion (variable_name) @skip [":-" "-" ":+" "+" ":=" "=" ":?" "?"])
