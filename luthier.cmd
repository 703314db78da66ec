@echo off
rem Runs Luthier. Builds it first, when it was never built or its sources have changed.
rem   LUTHIER_JAVA_OPTS  options for the Java virtual machine, as in LUTHIER_JAVA_OPTS=-Xmx4g
setlocal
set "ROOT=%~dp0"
set "TARGET=%ROOT%luthier-cli\target\run"
set "JAR=%TARGET%\luthier.jar"
set "STAMP=%TARGET%\luthier.stamp"
set "LOG=%TARGET%\build.log"

set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
set "ASKED=%TEMP%\luthier-java-%RANDOM%.txt"
"%JAVA%" -version 2>"%ASKED%"
if errorlevel 1 (
  echo luthier: Java is missing. Install a JDK of version 17 or newer, or set JAVA_HOME to one. 1>&2
  exit /b 1
)
set "VERSION="
for /f "usebackq tokens=3" %%v in ("%ASKED%") do if not defined VERSION set "VERSION=%%~v"
del "%ASKED%"
for /f "delims=." %%m in ("%VERSION%") do set "MAJOR=%%m"
if %MAJOR% LSS 17 (
  echo luthier: this is Java %VERSION%. Luthier needs version 17 or newer; set JAVA_HOME to one. 1>&2
  exit /b 1
)

set "LUTHIER_CHECK_ROOT=%ROOT%"
set "LUTHIER_CHECK_STAMP=%STAMP%"
powershell -NoProfile -Command "$s = $env:LUTHIER_CHECK_STAMP; if (-not (Test-Path $s)) { exit 2 }; $t = (Get-Item $s).LastWriteTimeUtc; Set-Location $env:LUTHIER_CHECK_ROOT; $n = Get-ChildItem pom.xml, luthier-*\pom.xml, (Get-ChildItem luthier-*\src\main -Directory -Recurse), (Get-ChildItem luthier-*\src\main -File -Recurse) | Where-Object { $_.LastWriteTimeUtc -gt $t } | Select-Object -First 1; if ($n) { exit 1 } else { exit 0 }"
set "STATE=%ERRORLEVEL%"
if "%STATE%"=="0" if exist "%JAR%" goto run

where mvn >nul 2>&1
if errorlevel 1 (
  echo luthier: Maven is missing; it is needed to build Luthier from source. Install Maven 3.8.7 or newer. 1>&2
  exit /b 1
)
if "%STATE%"=="2" (echo Building Luthier ^(first run^)... 1>&2) else (echo Building Luthier ^(its sources have changed^)... 1>&2)
if not exist "%TARGET%" mkdir "%TARGET%"
type nul > "%STAMP%.new"
pushd "%ROOT%"
call mvn -o -B -q -Prun -DskipTests -pl luthier-cli -am package <nul >"%LOG%" 2>&1
if not errorlevel 1 goto built
findstr /i "offline" "%LOG%" >nul
if errorlevel 1 goto failed
echo Downloading the libraries it is built from... 1>&2
call mvn -B -q -Prun -DskipTests -pl luthier-cli -am package <nul >"%LOG%" 2>&1
if not errorlevel 1 goto built

:failed
popd
findstr /b /l /c:"[ERROR]" "%LOG%" 1>&2
echo luthier: the build failed; all that Maven said is in %LOG% 1>&2
exit /b 1

:built
popd
move /y "%STAMP%.new" "%STAMP%" >nul

:run
"%JAVA%" "-Dluthier.command=%~0" %LUTHIER_JAVA_OPTS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%
