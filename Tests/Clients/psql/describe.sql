-- What psql asks of the catalog for its own commands.
\d parent
\d+ parent
\d child
\d+ child
\d s1
\d+ s1
\d app.pair
\d+ app.pair
\d alltypes
\d
\dt
\di
\ds
\df
\df+
\df app.*
\dft
\dfp
\dT
\dT+
\dT app.*
\dT+ app.*
\dp
\z
\do app.*
\dD
\dD+ app.*
\db
\ddp
\dd
\sf app.add
\sf+ app.add
\dRp
\dRs
\dX
\dP
\dPn
\dE
\des
\dew
\det
\deu
\drds
\dl
\lo_list
\dit parent*
SELECT 1 AS one, 2 AS two \gdesc
\dti app.*
\dvmats
\d app.
\d "Quo ted"
\d nothing
\dT mood
\echo end
