// Package strictjson reads a configuration file that is one JSON object, and
// is strict where encoding/json is lenient: keys are case-sensitive, an unknown
// key and a key given twice are problems, null is no value, and every problem
// of the file is reported at once with its path.
//
// The caller asks for the keys it knows, and what is left over is unknown:
//
//	problems := strictjson.Read(file, func(root *strictjson.Object) {
//		root.Objects("env", func(i int, v *strictjson.Object) {
//			v.String("name", &vars[i].Name)
//		})
//	})
//	// env[2].nmae: unknown key (did you mean "name"?)
//
// Size, depth and the number of problems are bounded, so that a wrong file
// costs little.
package strictjson
