// Package envfile reads a file of environment variables, the .env file that
// docker compose and the dotenv libraries read:
//
//	# a comment
//	export PORT=8080              # another
//	DATABASE_URL="postgres://app:s%23cret@db/app"
//	GREETING='kept as $it \n is'
//
// Without quotes the value ends at a white space followed by #, and white space
// around it is dropped. Single quotes keep everything as it stands; double
// quotes know \n, \r, \t, \", \\ and \$. Quoted values may span lines. A
// reference such as ${NAME} is not expanded. A name given twice is a problem,
// since programs disagree on which of the two counts.
//
// Problems name the line and never show what stands in it, which may be a
// secret.
package envfile
