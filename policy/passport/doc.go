// Package passport reads visas of GA4GH Passport v1.2 ("AAI OpenID Connect Profile" 1.2, Visa Document Token Format), and
// writes them.
//
// It promises that a [policy.Visa] it returns was signed, under RS256 or ES256, by a key that whoever runs the process gave
// it for just that issuer; that it says nothing the reader did not understand; and that its size is bounded. What the token
// says never chooses the algorithm, a key of another issuer, or an address to fetch keys from: a key has one algorithm,
// and a jku that is not the configured one is refused. Nothing is fetched here.
//
// It assumes that the keys are those of the issuer. Whether a visa is in force, about whom it is and whether its conditions
// are met is policy.Decide's to say, at the time of the decision.
//
// It does not protect against an issuer that lies, nor against whoever got hold of somebody's visa and says that it is about
// himself: a visa is a bearer's. Visa Access Tokens (scope "openid"), which want a call to the issuer, are refused.
package passport
