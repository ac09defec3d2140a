// Command marketplace is a small marketplace of internal operations: teams
// offer equipment and services, other teams request them, an administrator
// reviews the requests. It shows every package of the library in one program
// that people can use.
package main
